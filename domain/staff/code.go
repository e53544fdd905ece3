package staff

import (
	"crypto/sha256"
	"strings"

	"pointbridge/domain"
)

const (
	totpDigits     = 6
	recoveryLength = 16
	// recoveryCodes is how many recovery codes a person has.
	recoveryCodes = 10

	sealTOTP = "totp"
)

// checkCode finds out what a code is good for, and the method it is. Errors: second_factor_wrong. Whether it was used
// before is decided by the commit that uses it.
func (s *Service) checkCode(person domain.Staff, code string) (Spend, string, error) {
	code = plainCode(code)
	wrong := domain.Refuse(domain.CodeSecondFactorWrong)
	if len(code) == recoveryLength {
		return Spend{Recovery: recoveryHash(person.ID, code)}, ByRecovery, nil
	}
	if len(code) != totpDigits || person.TOTP == "" || s.tools.TOTP == nil {
		return Spend{}, "", wrong
	}
	secret, err := s.open(sealTOTP, person.ID, person.TOTP)
	if err != nil {
		return Spend{}, "", err
	}
	step := s.tools.TOTP.Step(string(secret), code, s.now())
	if step <= person.TOTPStep {
		return Spend{}, "", wrong
	}
	return Spend{Step: step}, ByTOTP, nil
}

// plainCode leaves out what people put into a code to read it.
func plainCode(code string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "-", "", "\u3000", "").Replace(code))
}

// recoveryHash is what is kept of a recovery code, which has 79 random bits.
func recoveryHash(of int64, code string) []byte {
	sum := sha256.Sum256([]byte("recovery " + domain.Staff{ID: of}.Caller().ID + " " + plainCode(code)))
	return sum[:]
}

// drawRecovery makes a person's recovery codes, and what is kept of them.
func (s *Service) drawRecovery(of int64) (codes []string, hashes [][]byte, err error) {
	for range recoveryCodes {
		code, err := domain.DrawRecoveryCode(s.random)
		if err != nil {
			return nil, nil, err
		}
		codes, hashes = append(codes, code), append(hashes, recoveryHash(of, code))
	}
	return codes, hashes, nil
}
